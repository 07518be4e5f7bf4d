CREATE TABLE `t` (
  `id` int
) ENGINE=InnoDB -- x