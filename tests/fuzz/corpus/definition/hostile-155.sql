CREATE TABLE `t` (
  `id` int,
  `a` int,
  `s` varchar(9),
  `j` json,
  `d` datetime,
  CONSTRAINT `c` CHECK (`d` + interval 1 SELECT)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4