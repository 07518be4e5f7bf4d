CREATE TABLE `t` (
  `id` int(11) NOT NULL,
  `a` int(11) DEFAULT NULL,
  `b` varchar(20) DEFAULT NULL,
  `d` datetime DEFAULT NULL,
  `g0` varchar(200) GENERATED ALWAYS AS (md5(`b`)) VIRTUAL,
  `g1` varchar(200) GENERATED ALWAYS AS (sha(`b`)) VIRTUAL,
  `g2` varchar(200) GENERATED ALWAYS AS (sha2(`b`,256)) VIRTUAL,
  `g3` varchar(200) GENERATED ALWAYS AS (to_base64(`b`)) VIRTUAL,
  `g4` varchar(200) GENERATED ALWAYS AS (from_base64(`b`)) VIRTUAL,
  `g5` varchar(200) GENERATED ALWAYS AS (format(`a`,2)) VIRTUAL,
  `g6` varchar(200) GENERATED ALWAYS AS (elt(`a`,'x','y')) VIRTUAL,
  `g7` varchar(200) GENERATED ALWAYS AS (make_set(`a`,'x','y')) VIRTUAL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci