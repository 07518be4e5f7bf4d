CREATE TABLE `t` (
  `id` int,
  `a` int,
  `s` varchar(9),
  `j` json,
  `d` datetime,
  KEY `k` (`a`) COMMENT (SELECT 1)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4