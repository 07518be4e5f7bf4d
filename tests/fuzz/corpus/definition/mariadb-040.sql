CREATE TABLE `t` (
  `id` int(11) NOT NULL,
  `a` int(11) DEFAULT NULL,
  `b` varchar(20) DEFAULT NULL,
  `d` datetime DEFAULT NULL,
  `x0` bigint(20) unsigned NOT NULL,
  `x1` int(5) unsigned zerofill DEFAULT NULL,
  `x2` int(11) DEFAULT (1 + 2),
  `x3` varchar(40) DEFAULT uuid(),
  `x4` blob DEFAULT X'00',
  `x5` text DEFAULT 'x',
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci