CREATE TABLE `t` (
  `id` int
) ENGINE=InnoDB /*!99999 SELECT f() */