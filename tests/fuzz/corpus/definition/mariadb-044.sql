CREATE TABLE `t` (
  `id` int(11) NOT NULL,
  `a` int(11) DEFAULT NULL,
  `b` varchar(20) DEFAULT NULL,
  `d` datetime DEFAULT NULL,
  `x0` int(11) DEFAULT NULL COMMENT 'it''s \\ \n /*!50000 x */ -- ; #',
  `x1` int(11) INVISIBLE DEFAULT 5,
  `x2` int(11) GENERATED ALWAYS AS (`a` + 1) STORED,
  `x3` int(11) GENERATED ALWAYS AS (`a` + 1) VIRTUAL,
  `x4` int(11) GENERATED ALWAYS AS (`a` + 1) STORED COMMENT 'x',
  `x5` int(11) DEFAULT NULL CHECK (`x5` > 1),
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci