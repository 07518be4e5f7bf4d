CREATE TABLE `t` (
  `id` int,
  `a` int,
  `s` varchar(9),
  `j` json,
  `d` datetime,
  `c` int DEFAULT _nowhere'x'
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4