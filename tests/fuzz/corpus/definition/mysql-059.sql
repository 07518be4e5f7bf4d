CREATE TABLE `t` (
  `id` int NOT NULL,
  `a` int DEFAULT NULL,
  `b` varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci DEFAULT NULL,
  `d` datetime DEFAULT NULL,
  `x0` bigint unsigned NOT NULL,
  `x1` int(5) unsigned zerofill DEFAULT NULL,
  `x2` int DEFAULT ((1 + 2)),
  `x3` varchar(40) DEFAULT (uuid()),
  `x4` blob DEFAULT (0x00),
  `x5` text DEFAULT (_utf8mb4'x'),
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci