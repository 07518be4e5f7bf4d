CREATE TABLE `t` (
  `id` int
) ENGINE=InnoDB /*!50000 SELECT f() */