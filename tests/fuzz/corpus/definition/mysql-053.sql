CREATE TABLE `t` (
  `id` int NOT NULL,
  `a` int DEFAULT NULL,
  `b` varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci DEFAULT NULL,
  `d` datetime DEFAULT NULL,
  `x0` double DEFAULT '-1e-300',
  `x1` float(5,2) DEFAULT NULL,
  `x2` double(7,3) unsigned DEFAULT NULL,
  `x3` bit(5) DEFAULT b'101',
  `x4` year DEFAULT '2020',
  `x5` date DEFAULT '2020-01-01',
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci