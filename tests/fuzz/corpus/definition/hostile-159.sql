CREATE TABLE `t` (
  `id` int,
  `a` int,
  `s` varchar(9),
  `j` json,
  `d` datetime,
  CONSTRAINT `c` CHECK (case when (SELECT 1) then 1 end)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4