CREATE TABLE `t` (
  `id` int
) ENGINE=InnoDB AS SELECT f()