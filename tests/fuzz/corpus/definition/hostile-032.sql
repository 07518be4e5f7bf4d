CREATE TABLE `t` (
  `id` int
) ENGINE=InnoDB PASSWORD='x'