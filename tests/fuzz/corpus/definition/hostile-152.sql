CREATE TABLE `t` (
  `id` int,
  `a` int,
  `s` varchar(9),
  `j` json,
  `d` datetime,
  CONSTRAINT `c` FOREIGN KEY (`a`) REFERENCES `p` (`x`) SELECT
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4