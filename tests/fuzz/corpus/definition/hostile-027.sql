CREATE TABLE `t` (
  `id` int
) ENGINE=InnoDB AUTO_INCREMENT=@@port