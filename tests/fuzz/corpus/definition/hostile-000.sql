CREATE TABLE `t` (
  `id` int
) ENGINE=InnoDB SELECT f()