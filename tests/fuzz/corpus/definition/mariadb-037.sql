CREATE TABLE `t` (
  `id` int(11) NOT NULL,
  `a` int(11) DEFAULT NULL,
  `b` varchar(20) DEFAULT NULL,
  `d` datetime DEFAULT NULL,
  `x0` enum('ä') CHARACTER SET latin1 COLLATE latin1_german1_ci DEFAULT NULL,
  `x1` text DEFAULT NULL,
  `x2` tinytext DEFAULT NULL,
  `x3` blob DEFAULT NULL,
  `x4` longblob DEFAULT NULL,
  `x5` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL CHECK (json_valid(`x5`)),
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci