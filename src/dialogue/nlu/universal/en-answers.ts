/**
 * Curated English phrases for what callers say in every conversation: answers and
 * attitudes. One phrase between bars, in the form that a recogniser writes; small
 * slips of recognisers are among them on purpose.
 */
export const enAnswers = {
  yes: `
yes | yeah | yep | sure | of course | certainly | absolutely | definitely | correct | that's right | right | exactly | okay | okay then | all right
yes please | yes I do | yes I am | yes it is | yes that is me | yes that's correct | yes of course | yes go ahead | yeah sure | yeah okay | yeah that's fine
sure thing | sure why not | why not | that's fine | fine | fine by me | fine with me | sounds good | sounds fine | that works | that works for me | works for me
I do | I am | it is | I would | I can | I will | that is me | that's me | this is she | this is he | speaking | you got it | you bet | by all means | indeed | affirmative
I agree | agreed | I think so | I guess so | I suppose so | I believe so | yes I think so | probably yes | yes that's true | true | that is true | good | very good | great
perfect | no problem | no problem at all | please do | do it | let's do it | let's do that | go for it | yes let's do it | yes I'd like that | I'd like that | I would like to
yes you can | you can | you may | yes you may | okay sure | okay yes | all right then | yes ma'am | yes sir | uh-huh | mhm | mm-hmm | yes yes | yes that's okay | that's okay
yes I have a minute | I have a moment | I've got time | yes I can talk | I can talk now | yes now is fine | now is good | yes that is good | very well | naturally | for sure`,
  no: `
no | nope | nah | no thanks | no thank you | no no | no no no | not really | not at all | certainly not | of course not | absolutely not | definitely not | no way | never
no I don't | no I'm not | no it isn't | no it's not | no I haven't | no I can't | no I won't | no I wouldn't | no that's wrong | no that's not right | that's wrong
that's not right | that is not correct | incorrect | wrong | that's incorrect | not correct | I don't | I do not | I'm not | I am not | it isn't | it is not | I haven't
I don't think so | I don't believe so | I guess not | I suppose not | I think not | I'd say no | the answer is no | my answer is no | still no | negative | I disagree
no sir | no ma'am | no not me | not me | no not today | not today | not this time | no not now | no it doesn't | it doesn't | no that doesn't work
that doesn't work | that doesn't work for me | that won't work | no I'm afraid not | I'm afraid not | unfortunately not | sadly no | please don't | don't | don't do that
no leave it | no never mind | no it's fine | no that's not it | no there's a mistake | no you got that wrong | that's a mistake | uh-uh | nuh-uh | no good | no not really`,
  interested: `
I'm interested | I am interested | I would be interested | yes I'm interested | that sounds interesting | that's interesting | sounds interesting | interesting tell me more
tell me more | can you tell me more | I'd like to know more | I want to know more | I would like more information | give me more details | more details please | go on
sounds good tell me more | please go on | please continue | keep going | okay go on | okay tell me | all right tell me | sure what is it | yes what is it about | what do you offer
what's the offer | what are you offering | let me hear it | let's hear it | I'm all ears | I'd love to hear it | I'd love that | I'd love one | I want it | I want one | I'll take it | I'll have one
sign me up | count me in | I'm in | where do I sign | how do I sign up | how do I apply | how can I get it | how can I get one | I'd like to apply | I want to apply | I would like to get it
that would be nice | that would be great | that would be useful | I could use that | I could use one | I've been looking for something like that | I was thinking about getting one
that sounds great | that sounds like a good deal | sounds like a good offer | good offer | nice offer | I like that | I like the sound of that | that's exactly what I need | I need one
sure I would like that | yes please tell me more | yes I want to hear about it | I might be interested | maybe I'm interested | could be interesting | I'm curious | I'm a bit curious
okay what are the benefits | what benefits do I get | what do I get | what's in it for me | what can it do for me | why should I get it | explain it to me | please explain | how does it work
what's so good about it | what does it include | let's do it sign me up | I'm happy to hear more | I'm open to it | sure give me the details | send me the details | yes let me know more`,
  not_interested: `
I'm not interested | not interested | no I'm not interested | I am not interested thank you | sorry not interested | really not interested | I'm not interested in that
I'm not interested at all | I have no interest | no interest | no interest in that | I don't need it | I don't need that | I don't need one | I don't need one of those | I don't need any
I don't want that | I don't want one | I don't want any of that | I don't want anything | I do not want this | no I don't want it now | don't want it | don't need it | we don't need that
no thanks I'm good | I'm good thanks | I'm good | I'm fine thanks | I'm fine without it | I'm okay without it | I'm happy with what I have | I'm happy as it is | no need | no need thanks
there's no need | that's not for me | it's not for me | this isn't for me | it's not my thing | not my cup of tea | I'll skip it | I'll skip that | I'm going to pass | I'd pass | pass
I must decline | I decline | I have to decline | I'm going to decline | I'm not buying anything | I don't buy anything on the phone | I don't do this over the phone | I'm not looking for that
I'm not looking for anything | not looking for a new one | we're not looking | I'm not in the market for that | it's useless to me | it's of no use to me | I wouldn't use it | I'd never use it
I'd rather not do that | I prefer not to | I'd prefer not | thanks but no thanks | thank you but no | that's kind but no | it's a no from me | it's a no | sorry but no
sounds good but no | nice but not for me | I don't care about that | I don't care | I couldn't care less | forget it | forget about it | drop it | let's leave it | leave it | don't bother`,
  already_have: `
I already have one | I already have it | I have one already | I've already got one | I've got one already | I already got that | we already have one | we have that already | I have that
I already have a card | I've got a card already | I have enough cards | I have too many cards | I already use that | I'm already using it | I already signed up | I've already signed up
I signed up last week | I'm already a member | I'm already a customer | I'm already with you | I already ordered it | I already ordered one | I already bought it | I bought one last year
I've had one for years | my wife already has one | my husband already has it | we've got two of them | I got that last month | I already applied | I applied for it already | I already did that
I did that already | I've done that already | I've already done it | that's already done | that is done already | I already paid | I paid already | I've paid that | it's been paid already
I already told you people yes | I already have something like that | I have a similar one | I have one from another bank | I have one with another company | I'm with someone else already
I already have a provider | I've got a provider | we're already covered | I'm already covered | I've already taken care of it | it's already taken care of | I have all of that already | got one
I've got plenty of those | I own one | I own one already | we bought it already | already done | already have it thanks | already got one thanks`,
  busy_now: `
I'm busy | I'm busy right now | I'm busy at the moment | I am very busy | sorry I'm busy | I'm kind of busy | we're busy | I don't have time | I don't have time right now | I have no time
no time | no time now | I don't have a minute | I haven't got time for this | I can't talk | I can't talk right now | I can't talk at the moment | I'm not able to talk | I can't speak now
I can't speak right now | I cannot speak freely | it's not a good time | this is not a good time | not a good time | it's a bad time | bad time | you caught me at a bad time
this is a bad moment | now's not a good moment | now is not a good time | not now | not right now | not at the moment | I'm driving | I'm driving right now | I'm in the car | I'm behind the wheel
I'm on the road | I'm in a meeting | I'm in a meeting right now | I'm at a meeting | I'm just going into a meeting | I'm about to go into a meeting | I'm at work | I'm working | I'm at the office
I'm still at work | I'm with a customer | I'm with a client | I'm in class | I'm at school | I'm at the doctor's | I'm at the hospital | I'm at the dentist | I'm eating | we're eating | I'm having lunch
I'm in the middle of something | I'm in the middle of dinner | I'm cooking | I'm cooking dinner | I'm putting the kids to bed | I've got the kids here | I'm on the train | I'm on the bus
I'm at the airport | I'm boarding a plane | I'm in a shop | I'm at the checkout | I'm on another call | I have another call | I'm on the other phone | I was just leaving | I'm just leaving the house
I'm about to leave | I'm on my way out | I have to run | I've got to run | I'm in a hurry | I'm in a rush | I'm running late | my hands are full | I'm tied up | I'm tied up right now | I was sleeping`,
  call_later: `
call me later | call later | call back later | call me back | call me back later | please call back | please call me back later | can you call me later | can you call back later
could you call me back | could you call back another time | call me another time | call another time | call again later | try again later | try me later | try later | ring me later
phone me later | phone me back | ring me back | give me a call later | give me a call back | give me a ring later | call me tomorrow | call tomorrow | call back tomorrow | call me next week
call next week | call me on Monday | call me tonight | call me this evening | call in the evening | call me in the afternoon | call me in the morning | call me after work | call me after lunch
call me in an hour | call back in an hour | call me in ten minutes | call back in half an hour | call me in a few minutes | call me at three | call after five | call me after six
let's talk later | let's talk another time | let's talk tomorrow | can we talk later | can we talk tomorrow | can we do this later | can we do it another time | could we do this some other time
maybe later | later | later please | perhaps later | some other time | another time | another day | another time please | tomorrow would be better | later would be better
tonight is better | the evening is better | next week is better | reach me later | reach me tomorrow | contact me later | contact me next week | get back to me later | get back to me tomorrow
check back with me later | try me again tomorrow | you can call me later | you can call back tomorrow | you'd better call later | it's better if you call later | I'll have time later | I'm free later`,
  question_price: `
how much is it | how much does it cost | how much does this cost | how much would it cost | how much do I have to pay | how much do I pay | how much will I pay | how much is that | how much
how much is the fee | how much is the annual fee | how much is it per month | how much is it a month | how much a month | how much per year | how much a year | how much money
what does it cost | what does that cost | what will it cost me | what would it cost me | what's the cost | what are the costs | what is the price | what's the price | what's the fee
what is the annual fee | what are the fees | what kind of fees are there | what fees do you charge | what do you charge | what do you charge for it | what do I pay | what do I have to pay
what's the monthly fee | what's the monthly cost | is it free | is this free | is that free | is it for free | is it really free
is it expensive | is that expensive | is there a fee | is there a charge | is there an annual fee | is there any cost | is there a cost | is there a monthly fee | are there fees | are there any fees
are there hidden fees | are there any hidden costs | are there any charges | any fees | any costs | any hidden charges | do I have to pay | do I have to pay anything | do I need to pay
do I need to pay for that | do you charge for that | do you charge a fee | does it cost money | does that cost me anything | does it have a fee | does it have an annual fee | will I be charged
will it cost me | will there be a charge | would I have to pay a fee | would that be free | and the price | and the cost | and how much is that | and what does it cost | yes but what does it cost
okay but how much is it | but is it free | price please | tell me the price | tell me the cost | can you tell me the price | what's the total | what's the damage | I want to know the price`,
} as const;
