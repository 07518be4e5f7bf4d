CREATE TABLE `t` (
  `größe's %s` int(11) NOT NULL,
  `sel``ect` int(11) DEFAULT NULL,
  `123` int(11) DEFAULT NULL,
  ` x` int(11) DEFAULT NULL,
  PRIMARY KEY (`größe's %s`),
  CONSTRAINT `CONSTRAINT_1` CHECK (`sel``ect` > `123`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci