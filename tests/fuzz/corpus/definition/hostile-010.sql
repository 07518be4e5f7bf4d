CREATE TABLE `t` (
  `id` int
) ENGINE=InnoDB /*!500000 SELECT f() */