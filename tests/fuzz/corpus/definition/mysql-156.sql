CREATE TABLE `t` (
  `my_row_id` bigint unsigned NOT NULL AUTO_INCREMENT /*!80023 INVISIBLE */,
  `a` int DEFAULT NULL,
  `b` bit(8) GENERATED ALWAYS AS ((`a` & 255)) VIRTUAL,
  `t` time GENERATED ALWAYS AS (timediff(_utf8mb4'10:00',_utf8mb4'9:00')) VIRTUAL,
  PRIMARY KEY (`my_row_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci