CREATE TABLE `t` (
  `größe's %s` int NOT NULL,
  `sel``ect` int DEFAULT NULL,
  `123` int DEFAULT NULL,
  ` x` int DEFAULT NULL,
  PRIMARY KEY (`größe's %s`),
  CONSTRAINT `u38_chk_1` CHECK ((`sel``ect` > `123`))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci