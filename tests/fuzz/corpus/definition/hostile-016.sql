CREATE TABLE `t` (
  `id` int
) ENGINE=InnoDB; DROP TABLE x