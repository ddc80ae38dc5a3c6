function c = ohms
%% Two buses of a feeder as published distribution cases are written: ohms and kilowatts, converted at the end.
%% By hand: 12.66 kV and 10 MVA give a base of 16.02756 ohm, so r = 0.0922/16.02756 and the load is 0.1 MW.
c.version = '2';
c.baseMVA = 10;
c.bus = [
	1	3	0	0	0	0	1	1	0	12.66	1	1	1;
	2	1	100	60	0	0	1	1	0	12.66	1	1.1	0.9;
];
c.gen = [
	1	0	0	10	-10	1	100	1	10	0;
];
c.branch = [
	1	2	0.0922	0.0470	0	0	0	0	0	0	1	-360	360;
];
%% convert branch impedances from Ohms to p.u.
[PQ, PV, REF, NONE, BUS_I, BUS_TYPE, PD, QD, GS, BS, BUS_AREA, VM, ...
    VA, BASE_KV, ZONE, VMAX, VMIN, LAM_P, LAM_Q, MU_VMAX, MU_VMIN] = idx_bus;
[F_BUS, T_BUS, BR_R, BR_X, BR_B, RATE_A, RATE_B, RATE_C, ...
    TAP, SHIFT, BR_STATUS, PF, QF, PT, QT, MU_SF, MU_ST, ...
    ANGMIN, ANGMAX, MU_ANGMIN, MU_ANGMAX] = idx_brch;
Vbase = c.bus(1, BASE_KV) * 1e3;      %% in Volts
Sbase = c.baseMVA * 1e6;              %% in VA
c.branch(:, [BR_R BR_X]) = c.branch(:, [BR_R BR_X]) / (Vbase^2 / Sbase);

%% convert loads from kW to MW
c.bus(:, [PD, QD]) = c.bus(:, [PD, QD]) / 1e3;
