/** Curated English phrases: what callers say about the call itself. Same form as en-answers.ts. */
export const enControl = {
  repeat: `
repeat | repeat please | repeat that | repeat that please | please repeat | please repeat that | can you repeat | can you repeat that | could you repeat that | could you please repeat that
would you repeat that | would you mind repeating that | can you repeat the question | repeat the question please | what was the question | what was the question again | say again
say that again | say that again please | say it again | can you say that again | could you say that again | could you say it again please | would you say that again | once more
once more please | one more time | again please | again | what | what's that | what was that | what was that again | what did you just say | what are you saying | what do you mean
sorry | sorry what | sorry I didn't hear you | sorry I didn't get that | sorry could you repeat | sorry can you say that again | sorry say again | excuse me | excuse me what | pardon
I beg your pardon | beg your pardon | pardon what did you say | come again please | huh what | hm what | I didn't hear you | I didn't hear that | I didn't get that | I did not catch that last part
I didn't catch what you said | I didn't understand | I didn't understand that | I don't understand | I don't understand what you're saying | I missed that | I missed what you said | I missed the last part
I can't hear you | I can't hear you very well | I could not hear that | I couldn't understand you | can you speak up | speak up please | louder please | could you speak louder
you're breaking up | the line is bad | bad connection | the connection is bad | you cut out | you cut out there | speak more slowly please
go over that again | tell me again | can you tell me again | can you go back | let me hear that again | what was the last part | what was the last thing`,
  hold_on: `
hold on | hold on please | hold on a second | hold on a minute | hold on a moment | hold the line | hold the line please | hang on | hang on a second | hang on a minute | hang on a sec
wait | wait please | wait a second | wait a minute | wait a moment | please wait | just wait | just a second | just a moment | just a minute | just a sec | one second | one second please
one moment | one moment please | one minute | one minute please | one sec | a moment please | a second please | give me a second | give me a minute | give me a moment | give me one second
give me a sec | can you hold on | can you hold | can you wait | could you wait a moment | could you hold for a second | can you hang on | would you hold | bear with me | stand by
let me see | let me check | let me look | let me think | let me get a pen | let me find it | let me look it up | let me grab my glasses | I need to find it | I have to look it up | I'm looking for it
I need a moment | I need a minute | I need to get my card | I'll be right back | be right back | I'm getting it | don't hang up | stay on the line | stay there | somebody's at the door
let me go somewhere quiet | let me turn the radio down | let me pull over | let me close the door | let me ask my wife | let me ask my husband | let me get her | let me get him | I'll get him`,
  who_is_this: `
who is this | who's this | who is that | who are you | who am I speaking to | who am I speaking with | who am I talking to | who is calling | who's calling | who's calling please
who is calling please | may I ask who's calling | can I ask who is calling | and you are | and who are you | sorry who is this | sorry who are you | excuse me who is this | who's there | who's speaking
what's your name | what is your name | what was your name | what was your name again | what company is this | which company is this | what company are you with | what company are you from
which company are you calling from | where are you calling from | where are you from | what company is that | who do you work for | who are you with | who are you calling for
on whose behalf are you calling | what is this | what's this | what is this about | what's this about | what is this call about | what's this regarding | what is it about | what's it about
why are you calling | why are you calling me | why do you call | what do you want | what do you want from me | what's the reason for your call | what is the purpose of this call
how did you get my number | where did you get my number | how do you know my name | who gave you my number | where did you get my name | do I know you | have we met | is this the bank
is this really the bank | are you really from the bank | how do I know you're really the bank | is this a scam | is this some kind of scam | which bank | what bank | what bank is this | from where`,
  are_you_a_robot: `
are you a robot | are you a bot | are you a machine | are you a computer | are you an ai | are you artificial intelligence | are you a real human | are you human | are you a person | are you real
are you a live person | are you an actual person | are you actually a person | are you automated | are you a recording | are you recorded | are you some kind of robot | are you one of those robots
is this a robot | is this a machine | is this a computer | is this an ai | is this artificial intelligence | is this automated | is this an automated call | is this a robocall | is this a bot
is this recorded | is this a recorded message | is this a tape | is this a real person | is this a person | is this a human | is it a robot | is that a robot | is that a machine | is that a recording
am I talking to a robot | am I talking to a machine | am I speaking to a robot | am I speaking with a machine | am I talking with a computer program | am I talking to a person | am I talking to a real person
am I speaking to a human | do you have a pulse | did a computer call me | you're a robot | you're a machine | you are a robot aren't you | you're not a real person | you're not human
you're not real | you are a computer | you're a bot right | you sound like a machine | you sound like a computer | you sound automated | you sound fake | you don't sound human | you don't sound real
I think you're a robot | I think I'm talking to a machine | this is a robot | this sounds like a robot | this is a machine | sounds like a bot | robot | am I on with a bot | is this chat g p t | is this siri`,
  person: `
person | a person please | a real person | a real person please | human | human please | a human being | a human being please | agent | agent please | live agent | live agent please
representative | representative please | customer service | customer service please | customer support | operator please | the operator | employee | staff member | someone real please
can I talk to a person | can I talk to a human | can I talk to a real person | can I talk to someone | can I talk to somebody | can I speak to a person | can I speak to a human | can I speak to someone
can I speak to somebody else | can I speak to an agent | can I speak to a representative | can I speak to the manager | can I have a human please | can I get a human | can I get a person
could I speak to a real person | could I talk to an employee | could I speak to an advisor | may I speak with somebody | may I speak to a person | I want to speak to a person | I want to speak to a human
I want to speak to someone | I want to talk to a person | I want to talk to somebody | I want a human | I want a person | I want a real person | I want to speak to a manager | I want your manager
I'd like to speak to a person | I'd like to talk to a human | I'd like to speak with someone | I'd like to talk to an advisor | I would like a real person | I'd prefer to talk to a human
I'd rather talk to a person | I'd rather speak with a human | I need to talk to someone | I need to speak to a person | I need a human | let me talk to a person | let me talk to someone
let me speak to a human | let me speak to someone | let me talk to your manager | let me speak to your boss | give me a human | give me a person | give me someone real | get me a person
get me a human | get me somebody | get me your manager | connect me to a person | connect me with an agent | connect me to someone | connect me to customer service | put me through
put me through to someone | put me through to a person | put someone on the line | put a human on | transfer me | transfer me please | transfer me to a person | transfer me to an agent
transfer me to somebody | pass me to someone | pass me on to a colleague | I don't want to talk to a robot | I don't talk to machines | I don't talk to robots | no robots please | I only speak to humans
is there someone I can talk to | is there a human I can speak to | is anybody there I can talk to | have someone call me | can somebody call me | can a colleague call me | speak to a human`,
  wrong_number: `
wrong number | you have the wrong number | you've got the wrong number | I think you have the wrong number | sorry wrong number | this is the wrong number | that's the wrong number
you must have the wrong number | you dialed the wrong number | you called the wrong number | you've dialed wrong | wrong person | you have the wrong person | you've got the wrong person
I think you've got the wrong person | that's the wrong person | you've reached the wrong person | I'm not that person | I'm not the person you're looking for | I'm not who you think I am
nobody by that name here | there's nobody here by that name | there's no one by that name here | no one here by that name | no one with that name lives here | nobody of that name | that's not my name
I'm not him | I'm not her | that isn't me | she doesn't live here | he doesn't live here | he doesn't live here anymore | she doesn't live here any more | she moved out | he moved away
they moved out last year | he doesn't work here | she doesn't work here anymore | he no longer works here | he left the company | this isn't his number | this isn't her number | this is not his phone
that's not his number anymore | this is my number now | I've got a new number and it was his | I don't know that person | I don't know him | I don't know her | I don't know who that is | I don't know anyone by that name
never heard of him | never heard of her | there's no such person | who is that I don't know them | this is a different person | you've reached someone else | you've reached a business | this is a company
this is a private number | this is somebody else's phone | this is my daughter's phone | he passed away | she passed away | she died last year | he is deceased`,
  stop_calling: `
stop calling | stop calling me | please stop calling | please stop calling me | stop calling this number | stop calling here | stop calling my house | stop phoning me | stop ringing me
stop harassing me | stop bothering me | stop these calls | stop it don't call | don't call me | don't call me again | don't call again | don't call me anymore | don't call here again
don't call this number | don't call this number anymore | do not call me | do not call me again | do not call this number again | please don't call again | please do not call me again
don't phone me again | don't ring me | don't ring me again | don't contact me | don't contact me again | do not contact me anymore | never call me | never call me again | never call again
never call this number again | never contact me again | I don't want to be called | I don't want to be called again | I don't want you to call me | I don't want you calling me
I don't want calls | I don't want these calls | I don't want any calls | I don't want any more calls | no more calls | no more calls please | no more phone calls | no more of these calls
take me off the list | take me off your calling list | take me off this list | please take me off your list | take my number off | take my number off your list | take this number off your list
remove me | remove me from your list | remove me from the list | remove me from your database | remove my name | remove my name from your list | remove my number from your list | remove this number
remove this number from your list | delete my number | delete my data | delete me from your list | erase my number | get me off your list | unsubscribe | unsubscribe me | opt out | I want to opt out
I'm on the do not call list | I'm on the do not call registry | add me to the do not call list | put me on your do not call list | quit calling | quit calling here | quit bothering me | leave me alone
leave us alone | I told you not to call | I already told you not to call me | I asked you to stop calling
I said stop calling | lose my number | lose this number | forget my number | cease calling | I'll report you if you call again | if you call again I'll call the police | this is harassment`,
  angry: `
this is ridiculous | this is outrageous | this is unacceptable | this is a joke | this is terrible | this is so annoying | this is a waste of time | you're wasting my time | stop wasting my time
what a waste of time | I'm angry | I'm really angry | I'm so angry | I'm furious | I'm upset | I'm very upset | I'm fed up | I'm fed up with you | I'm sick of this | I'm sick and tired of this
I've had enough | I have had enough of this | enough | that's enough | enough is enough | you're annoying | you're so annoying | you are really annoying me | you're driving me crazy
you're useless | you are useless | you people are useless | you're stupid | that's stupid | how stupid | you idiot | you idiots | are you stupid | are you deaf | are you kidding me | are you serious
you must be joking | you've got to be kidding | go to hell | go away | get lost | shut up | just shut up | screw you | screw this | piss off | bugger off | damn it | damn you | what the hell
what the hell is this | what the hell do you want | for god's sake | for crying out loud | oh come on | how dare you | how dare you call me
I'm going to complain | I'm going to sue you | I'll sue you | I'll report you | this is bullshit | bullshit | this is crap | what a load of crap | I hate this | I hate you | I hate these calls
terrible service | your service is terrible | your company is the worst | worst company ever | I'm losing my patience | I've lost my patience | unbelievable | that's unbelievable | disgusting`,
  thanks: `
thanks | thank you | thank you very much | thank you so much | thanks a lot | thanks so much | many thanks | thanks a million | thank you kindly | I appreciate it | I appreciate that
I really appreciate it | much appreciated | that's very kind | that's very kind of you | that's nice of you | how kind | okay thank you | okay thanks | all right thank you | great thank you
great thanks | good thank you | perfect thank you | wonderful thank you | lovely thank you | cheers | cheers mate | thanks for that | thanks for the information | thank you for the information
thank you for calling | thanks for calling | thanks for the call | thank you for your help | thanks for your help | thanks for helping | thank you for letting me know | thanks for letting me know
thanks for telling me | thanks for the reminder | thank you for the reminder | thank you for your time | you've been very helpful | you've been helpful | that was helpful | that helps | that helps a lot
very helpful thank you | bless you | god bless you | awesome thanks | cool thanks | brilliant thanks | fantastic thank you`,
  bye: `
bye | bye bye | bye now | goodbye | good bye | okay bye | okay goodbye | all right bye | see you | see you later | see ya | talk to you later | speak to you later | speak soon | talk soon | later bye
have a nice day | have a good day | have a great day | have a good one | have a nice evening | have a good evening | have a good weekend | good night | good day | good day to you | take care
take care bye | thanks bye | thank you bye | thank you goodbye | thanks goodbye | okay thanks bye | thanks have a nice day | you too bye | you too goodbye | same to you bye | cheers bye | so long
farewell | ciao | ta ta | I'm hanging up | I'm going to hang up | I am hanging up now | I'll hang up now | I'm going to go now | I have to go | I have to go now | I've got to go | I need to go | I must go
I got to go | gotta go | gotta go bye | I need to get off the phone | that's all bye | that's all goodbye | that's it bye | we're done here | we're done | I'm done | I'm done talking | that will be all`,
  machine: `
please leave a message after the tone | please leave a message after the beep | leave a message after the beep | leave your message after the tone | please leave your message after the tone
please leave your name and number | leave your name and number and I'll get back to you | leave your name and a short message | leave a message and I'll call you back | at the tone please record your message
please record your message after the tone | record your message at the tone | when you have finished recording you may hang up | when you're finished hang up or press pound
you have reached the voicemail of | you've reached the voicemail box of | you have reached the mailbox of | you've reached my voicemail | hi you've reached | hello you have reached
the person you are trying to reach is not available | the person you are calling is not available | the person you have called is unavailable | the number you have dialed is not available
the number you have dialed is not in service | the number you have dialed has been disconnected | the subscriber you have dialed is not available | the customer you are calling is not available
your call has been forwarded to an automatic voice message system | your call has been forwarded to voicemail | your call is being forwarded | has been forwarded to an automated voice messaging system
I'm not available right now please leave a message | I can't come to the phone right now | I can't take your call right now | we can't take your call right now | we are unable to take your call
sorry I missed your call | sorry we missed your call | I'm away from my phone | I'm sorry I can't answer the phone right now | nobody is available to take your call | no one is available to take your call
the mailbox is full | the mailbox is full and cannot accept any messages | this mailbox is full | our office is currently closed | our offices are closed | our business hours are
thank you for calling our office hours are | please hold for the next available representative | your call is important to us | all our agents are busy | press one for sales | press 1 to leave a message
to leave a callback number press five | for more options press star | to page this person press five | if you know your party's extension | please listen carefully as our menu has changed
please state your name and the reason for your call | the person you're calling is using a screening service | if you record your name and reason for calling I'll see if this person is available
go ahead and say your name and why you're calling | please stay on the line | this call is being screened | after the tone please say your name | beep`,
} as const;
