CREATE TABLE `t` (
  `a` int(11) DEFAULT NULL,
  `d` datetime DEFAULT NULL,
  `b` varchar(20) GENERATED ALWAYS AS (to_char(`d`,'YYYY')) VIRTUAL,
  `c` varchar(20) GENERATED ALWAYS AS (natural_sort_key(`a`)) VIRTUAL,
  `e` int(11) GENERATED ALWAYS AS (ifnull(`a`,1)) VIRTUAL,
  `f` int(11) GENERATED ALWAYS AS (nvl2(`a`,1,2)) VIRTUAL,
  `h` varchar(9) GENERATED ALWAYS AS (char(65 using latin1)) VIRTUAL,
  `k` datetime GENERATED ALWAYS AS (`d` + interval 1 month) VIRTUAL
) ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci