-- Fills a PostgreSQL database that the service has prepared: {districts} districts with eleven or twelve villages, five
-- indicators, reports, institutions, cases, and two surveys with 20 answers each.
begin;
create temp table d as select lpad((11 + i/900)::text,2,'0')||'.'||lpad((1 + (i/30)%30)::text,2,'0')||'.'||lpad((1 + i%30)::text,2,'0') as code, i from generate_series(0, {districts} - 1) i;
insert into district select code, 'Kecamatan '||code from d on conflict do nothing;
insert into record_start(district_code,version,recorded_at,recorded_by,deleted) select code,1,'1970-01-01T00:00:00Z','iku',false from d on conflict do nothing;
insert into stamp(district_code, recorded_at, places, decrees, indicators, targets, surveys, institutions, cases, reports) select code, t, t,t,t,t,t,t,t,t from d, (select (extract(epoch from now())*1000000)::bigint t) x on conflict do nothing;
create temp table v as select code as dc, code||'.'||(2000+n)::text as vc, n, i from d, generate_series(1, 11) n;
insert into v select code, code||'.2012', 12, i from d where i % 2 = 0;
insert into village(code,version,recorded_at,recorded_by,deleted,district_code,kind,name) select vc,1,now(),'gen',false,dc,'desa','Desa '||vc from v;
create temp table dk as select code as dc, gen_random_uuid() id from d;
insert into decree(id,version,recorded_at,recorded_by,deleted,district_code,number,title,issued_on,goal,first_year,last_year,legal_bases)
 select dk.id,1,now(),'gen',false,dk.dc,'1/C/2023',x.title,x.issued_on,x.goal,x.first_year,x.last_year,x.legal_bases from dk, (select * from decree where superseded_at is null and district_code='63.11.06' limit 1) x;
insert into indicator select 'k'||replace(dk.dc,'.','')||'-iku-'||x.number, x.from_year,1,now(),'gen',null,null,false,null,dk.id,dk.dc,x.number,x.objective,x.name,x.meaning,x.selection_reason,x.formula_text,x.reference,x.responsible,x.source,x.unit,x.polarity,null,x.formula_kind,x.formula_section,x.formula_group,x.formula_per_village
 from dk, (select * from indicator where superseded_at is null and district_code='63.11.06') x;
-- reports: 80% of 9 kinds
insert into report(id,version,recorded_at,recorded_by,deleted,district_code,village_code,kind,fiscal_year,delivered_on,status)
 select gen_random_uuid(),1,now(),'gen',false,v.dc,v.vc,k.code,2025+k.off,'2025-06-10','received' from v, (values('lppd',-1),('bpd-kinerja',-1),('apbdes-s1',0),('kegiatan-s1',0),('apbdes-s2',-1),('lpj-apbdes',-1),('kegiatan-akhir',-1),('dd-tahap1',0),('dd-tahunan',-1)) k(code,off) where (v.i*7+v.n*3) % 5 <> 0;
-- institutions 5 per village with decree
create temp table ins as select gen_random_uuid() id, dc, vc, k.kind from v, (select code kind from institution_kind limit 5) k;
insert into institution(id,version,recorded_at,recorded_by,deleted,district_code,village_code,kind,name) select id,1,now(),'gen',false,dc,vc,kind,'LKD '||kind from ins;
insert into institution_decree(institution_id,version,position,id,number,issued_on,starts_on,ends_on,term_given) select id,1,0,gen_random_uuid(),'1','2023-01-01','2023-01-01','2027-12-31',true from ins;
-- cases 10 per district
create temp table c as select gen_random_uuid() id, dc, vc, n from v where n <= 10;
insert into public_case(id,version,recorded_at,recorded_by,deleted,district_code,village_code,category,occurred_at,occurred_on,summary,status) select id,1,now(),'gen',false,dc,vc,'lingkungan','2025-03-01T00:00:00Z','2025-03-01','x',case when n%3=0 then 'verified' else 'resolved' end from c;
insert into case_event(id,case_id,position,kind,at,recorded_at,recorded_by) select gen_random_uuid(),id,1,'verified','2025-03-02T00:00:00Z',now(),'gen' from c;
insert into case_event(id,case_id,position,kind,at,recorded_at,recorded_by) select gen_random_uuid(),id,2,'resolved','2025-03-03T00:00:00Z',now(),'gen' from c where n%3<>0;
-- two surveys with 20 answers each
create temp table s as select gen_random_uuid() id, code dc, n from d, generate_series(1,2) n;
insert into survey(id,version,recorded_at,recorded_by,deleted,district_code,title,section,questionnaire,starts_on,ends_on,inactive_elements,status) select id,1,now(),'gen',false,dc,'SKM','pelayanan-kessos','skm-9','2025-01-01',case when n=1 then date '2025-06-30' else date '2025-12-20' end,'[]','closed' from s;
insert into response(id,survey_id,fingerprint,persyaratan,prosedur,waktu,biaya,produk,kompetensi,perilaku,sarana,pengaduan,service,gender,age,answered_at,received_at,flags,counted_from,recorded_by)
 select gen_random_uuid(),s.id,decode(repeat('00',32),'hex'),1+a%4,1+(a+1)%4,3,4,3,2+a%3,3,4,3,'ktp','perempuan',20+a,'2025-03-01T00:00:00Z','2025-03-01T00:00:00Z',0,'2025-03-01T00:00:00Z','gen' from s, generate_series(1,20) a;
insert into survey_tally(survey_id,changed_at,respondents,elements,profile)
 select survey_id,max(counted_from),count(*),
 '[[20,'||sum(persyaratan)||'],[20,'||sum(prosedur)||'],[20,'||sum(waktu)||'],[20,'||sum(biaya)||'],[20,'||sum(produk)||'],[20,'||sum(kompetensi)||'],[20,'||sum(perilaku)||'],[20,'||sum(sarana)||'],[20,'||sum(pengaduan)||']]',
 '{"gender":{"perempuan":20},"age_group":{"20_29":9,"30_39":10,"40_49":1},"education":{"unknown":20},"occupation":{"unknown":20}}'
 from response where recorded_by = 'gen' group by survey_id;
commit;
analyze;
