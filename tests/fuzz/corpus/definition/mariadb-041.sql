CREATE TABLE `t` (
  `id` int(11) NOT NULL,
  `a` int(11) DEFAULT NULL,
  `b` varchar(20) DEFAULT NULL,
  `d` datetime DEFAULT NULL,
  `x0` date DEFAULT curdate(),
  `x1` date DEFAULT (curdate() + interval 1 day),
  `x2` double DEFAULT rand(),
  `x3` varchar(50) DEFAULT user(),
  `x4` varchar(50) DEFAULT current_user(),
  `x5` varchar(50) DEFAULT database(),
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci