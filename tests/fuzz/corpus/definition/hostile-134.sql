CREATE TABLE `t` (
  `id` int,
  `a` int,
  `s` varchar(9),
  `j` json,
  `d` datetime,
  LIKE other
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4