CREATE TABLE `t` (
  `id` int,
  `a` int,
  `s` varchar(9),
  `j` json,
  `d` datetime,
  CONSTRAINT `c` CHECK (match (`s`) against ('x'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4