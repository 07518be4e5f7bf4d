CREATE TABLE `t` (
  `id` int
) ENGINE=InnoDB TABLE other.t