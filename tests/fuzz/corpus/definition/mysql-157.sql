CREATE TABLE `t` (
  `id` int NOT NULL,
  `a` int DEFAULT NULL,
  `b` varchar(20) CHARACTER SET utf8mb4 COLLATE Utf8mb4_0900_ai_ci DEFAULT NULL,
  `d` datetime DEFAULT NULL,
  `x0` time DEFAULT (curtime()),
  `x1` timestamp NULL DEFAULT (now()),
  `x2` int DEFAULT (unix_timestamp()),
  `x3` json DEFAULT (json_array()),
  `x4` varchar(20) DEFAULT (concat(_utf8mb4'a',_utf8mb4'b')),
  `x5` int DEFAULT ((`a` + 1)),
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci