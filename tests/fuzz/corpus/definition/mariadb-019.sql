CREATE TABLE `t` (
  `id` int(11) NOT NULL,
  `a` int(11) DEFAULT NULL,
  `b` varchar(20) DEFAULT NULL,
  `d` datetime DEFAULT NULL,
  `g0` varchar(200) GENERATED ALWAYS AS (char(65 using utf8mb4)) VIRTUAL,
  `g1` varchar(200) GENERATED ALWAYS AS (convert(`b` using latin1)) VIRTUAL,
  `g2` varchar(200) GENERATED ALWAYS AS (cast(`a` as char(5) charset utf8mb4)) VIRTUAL,
  `g3` varchar(200) GENERATED ALWAYS AS (cast(`a` as char(5) charset latin1)) VIRTUAL,
  `g4` varchar(200) GENERATED ALWAYS AS (cast(`b` as char(5) charset binary)) VIRTUAL,
  `g5` varchar(200) GENERATED ALWAYS AS (cast(`b` as char charset utf8mb4)) VIRTUAL,
  `g6` varchar(200) GENERATED ALWAYS AS (quote(`b`)) VIRTUAL,
  `g7` varchar(200) GENERATED ALWAYS AS (soundex(`b`)) VIRTUAL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci