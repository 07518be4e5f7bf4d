CREATE TABLE `t` (
  `id` int,
  `a` int,
  `s` varchar(9),
  `j` json,
  `d` datetime,
  KEY `k` (`a`) WITH PARSER f()
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4