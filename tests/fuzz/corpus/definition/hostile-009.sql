CREATE TABLE `t` (
  `id` int
) ENGINE=InnoDB /*!50000SELECT f() */