CREATE TABLE `t` (
  `id` int(11) NOT NULL,
  `a` int(11) DEFAULT NULL,
  `b` varchar(20) DEFAULT NULL,
  `d` datetime DEFAULT NULL,
  `x0` time DEFAULT curtime(),
  `x1` timestamp NULL DEFAULT current_timestamp(),
  `x2` int(11) DEFAULT unix_timestamp(),
  `x3` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT json_array() CHECK (json_valid(`x3`)),
  `x4` varchar(20) DEFAULT concat('a','b'),
  `x5` int(11) DEFAULT (`a` + 1),
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci