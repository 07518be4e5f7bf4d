CREATE TABLE `t` (
  `a` int(11) DEFAULT NULL,
  `b` varchar(20) GENERATED ALWAYS AS (column_get(column_create('x',`a` AS int),'x' as char charset utf8mb4)) VIRTUAL
) ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci