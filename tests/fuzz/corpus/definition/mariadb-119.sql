CREATE TABLE `t` (
  `id` int(11) NOT NULL DEFAULT nextval(`shop`.`sq`),
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci