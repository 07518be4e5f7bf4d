CREATE TABLE `t` (
  `id` int
) ENGINE=InnoDB COMMENT='x' 'y'