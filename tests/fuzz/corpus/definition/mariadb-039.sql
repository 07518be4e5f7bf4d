CREATE TABLE `t` (
  `id` int(11) NOT NULL,
  `a` int(11) DEFAULT NULL,
  `b` varchar(20) DEFAULT NULL,
  `d` datetime DEFAULT NULL,
  `x0` multipolygon DEFAULT NULL,
  `x1` geometrycollection DEFAULT NULL,
  `x2` tinyint(1) DEFAULT NULL,
  `x3` tinyint(1) DEFAULT NULL,
  `x4` smallint(5) unsigned DEFAULT NULL,
  `x5` mediumint(9) DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci