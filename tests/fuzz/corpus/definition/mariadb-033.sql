CREATE TABLE `t` (
  `id` int(11) NOT NULL,
  `a` int(11) DEFAULT NULL,
  `b` varchar(20) DEFAULT NULL,
  `d` datetime DEFAULT NULL,
  `x0` int(11) DEFAULT 5,
  `x1` int(11) DEFAULT -5,
  `x2` int(11) DEFAULT NULL,
  `x3` int(11) NOT NULL,
  `x4` decimal(10,3) unsigned zerofill DEFAULT 0000001.500,
  `x5` float DEFAULT 10000000000,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci