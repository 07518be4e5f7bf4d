CREATE TABLE `t` (
  `id` int NOT NULL,
  `a` int DEFAULT NULL,
  `b` varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci DEFAULT NULL,
  `d` datetime DEFAULT NULL,
  `x0` multipolygon DEFAULT NULL,
  `x1` geomcollection DEFAULT NULL,
  `x2` tinyint(1) DEFAULT NULL,
  `x3` tinyint(1) DEFAULT NULL,
  `x4` smallint unsigned DEFAULT NULL,
  `x5` mediumint DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci