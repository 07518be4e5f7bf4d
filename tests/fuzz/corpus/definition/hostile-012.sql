CREATE TABLE `t` (
  `id` int
) ENGINE=InnoDB /*M! SELECT f() */