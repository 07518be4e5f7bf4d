CREATE TABLE `t` (
  `id` int NOT NULL,
  `a` int DEFAULT NULL,
  `b` varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci DEFAULT NULL,
  `d` datetime DEFAULT NULL,
  `x0` int DEFAULT '5',
  `x1` int DEFAULT '-5',
  `x2` int DEFAULT NULL,
  `x3` int NOT NULL,
  `x4` decimal(10,3) unsigned zerofill DEFAULT '0000001.500',
  `x5` float DEFAULT '10000000000',
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci