CREATE TABLE `t` (
  `id` int
) ENGINE=InnoDB `o`=SELECT