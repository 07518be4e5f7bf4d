CREATE TABLE `t` (
  `id` int
) ENGINE=InnoDB /*M!100000 SELECT f() */