CREATE TABLE `t` (
  `id` int NOT NULL,
  `a` int DEFAULT NULL,
  `b` varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci DEFAULT NULL,
  `d` datetime DEFAULT NULL,
  `x0` enum('ä') CHARACTER SET latin1 COLLATE latin1_german1_ci DEFAULT NULL,
  `x1` text,
  `x2` tinytext CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci,
  `x3` blob,
  `x4` longblob,
  `x5` json DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci