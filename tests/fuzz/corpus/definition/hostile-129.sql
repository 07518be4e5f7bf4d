CREATE TABLE `t` (
  `id` int,
  `a` int,
  `s` varchar(9),
  `j` json,
  `d` datetime,
  `c` int DEFAULT -- 1
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4