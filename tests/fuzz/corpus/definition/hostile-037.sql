CREATE TABLE `t` (
  `id` int
) ENGINE=InnoDB DEFAULT CHARSET=select