CREATE TABLE `t` (
  `id` int(11) NOT NULL,
  `a` int(11) DEFAULT NULL,
  `b` varchar(20) DEFAULT NULL,
  `d` datetime DEFAULT NULL,
  `x0` time(3) DEFAULT '10:00:00.000',
  `x1` datetime DEFAULT '0000-00-00 00:00:00',
  `x2` timestamp NULL DEFAULT NULL,
  `x3` timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
  `x4` timestamp(3) NOT NULL DEFAULT current_timestamp(3) ON UPDATE current_timestamp(3),
  `x5` datetime DEFAULT current_timestamp(),
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci